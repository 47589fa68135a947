/** The command line. */
@NullMarked
package io.troupe.http.command;

import org.jspecify.annotations.NullMarked;
