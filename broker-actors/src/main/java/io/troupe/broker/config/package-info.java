/** The configuration: read once, checked as a whole, handed on as records. */
@NullMarked
package io.troupe.broker.config;

import org.jspecify.annotations.NullMarked;
