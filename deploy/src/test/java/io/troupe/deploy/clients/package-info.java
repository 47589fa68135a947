/** Clients that people use, as they are, against the broker. */
@NullMarked
package io.troupe.deploy.clients;

import org.jspecify.annotations.NullMarked;
