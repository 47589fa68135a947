/** The history checker against the distribution, and against a proxy that breaks promises. */
@NullMarked
package io.troupe.deploy.histories;

import org.jspecify.annotations.NullMarked;
