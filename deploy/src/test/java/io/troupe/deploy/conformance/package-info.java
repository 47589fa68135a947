/** The pages that list every normative statement and every promise with the tests that prove it. */
@NullMarked
package io.troupe.deploy.conformance;

import org.jspecify.annotations.NullMarked;
