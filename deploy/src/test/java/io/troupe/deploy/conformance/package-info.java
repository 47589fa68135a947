/** The page that lists every normative statement with the tests that prove it. */
@NullMarked
package io.troupe.deploy.conformance;

import org.jspecify.annotations.NullMarked;
