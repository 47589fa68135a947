/** This node and the other nodes: how they find each other and what one knows of the rest. */
@NullMarked
package io.troupe.broker.cluster;

import org.jspecify.annotations.NullMarked;
