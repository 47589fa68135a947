package io.troupe.protocol.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names what a test proves of the broker's own promises, such as {@code I6}, and which class of
 * flaws known from brokers it shows to be absent, such as {@code F4}. The list is {@code
 * promises.csv}; the page ({@code deploy/docs/promises.md}) is generated from both.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Promise {
  String[] value();
}
