/** The {@code $SYS} topics. */
@NullMarked
package io.troupe.broker.sys;

import org.jspecify.annotations.NullMarked;
