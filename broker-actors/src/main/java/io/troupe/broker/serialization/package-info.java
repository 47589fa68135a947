/**
 * Versioned bytes for other nodes and the journal. What is written here is read by later versions:
 * fields are added with defaults, never changed or reused.
 */
@NullMarked
package io.troupe.broker.serialization;

import org.jspecify.annotations.NullMarked;
