/** On which threads actors run. */
@NullMarked
package io.troupe.broker.dispatch;

import org.jspecify.annotations.NullMarked;
