package io.troupe.http;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers in JSON; errors as problem details (RFC 9457). */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** Records and maps become objects. */
  static HttpResponse response(StatusCode status, Object value) {
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, text(value)));
  }

  static HttpResponse ok(Object value) {
    return response(StatusCodes.OK, value);
  }

  /**
   * A problem.
   *
   * @param detail what the caller can do about it
   */
  static HttpResponse problem(StatusCode status, String detail) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "about:blank");
    problem.put("title", status.reason());
    problem.put("status", status.intValue());
    problem.put("detail", detail);
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(
            HttpEntities.create(
                MediaTypes.applicationWithFixedCharset("problem+json", HttpCharsets.UTF_8)
                    .toContentType(),
                text(problem)));
  }

  private static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a value of JSON: " + value.getClass(), e);
    }
  }
}
