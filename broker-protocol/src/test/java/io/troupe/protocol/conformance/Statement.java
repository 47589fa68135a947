package io.troupe.protocol.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the normative statements a test proves, by their numbers without brackets, such as {@code
 * MQTT-3.1.4-3}. The same number may mean different things in the two specifications, so each has
 * its own list. The conformance page ({@code deploy/docs/conformance.md}) is generated from these.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Statement {
  /** Statements of MQTT 5.0. */
  String[] v5() default {};

  /** Statements of MQTT 3.1.1. */
  String[] v311() default {};
}
