/** What the broker's process does when its disk, its files or its stop go wrong. */
@NullMarked
package io.troupe.deploy.faults;

import org.jspecify.annotations.NullMarked;
