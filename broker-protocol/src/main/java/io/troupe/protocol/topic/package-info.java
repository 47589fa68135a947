/** Topic names, topic filters and matching. */
@NullMarked
package io.troupe.protocol.topic;

import org.jspecify.annotations.NullMarked;
