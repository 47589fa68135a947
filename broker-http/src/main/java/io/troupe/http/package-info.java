/** The program, and what people and operators reach over HTTP. */
@NullMarked
package io.troupe.http;

import org.jspecify.annotations.NullMarked;
