/** Retained messages. */
@NullMarked
package io.troupe.broker.retained;

import org.jspecify.annotations.NullMarked;
