package io.troupe.protocol.packet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The properties of an application message that travel with it from publisher to receiver, or from
 * a will to its publication (MQTT 5.0, 3.3.2.3 and 3.1.3.2). Unset everywhere for MQTT 3.x: {@link
 * #NONE}.
 *
 * @param payloadFormat Payload Format Indicator 0 or 1, or {@link #ABSENT}
 * @param messageExpirySeconds Message Expiry Interval in seconds, 0 to 4,294,967,295, or {@link
 *     #ABSENT}
 * @param contentType Content Type, or null
 * @param responseTopic Response Topic, or null
 * @param correlationData Correlation Data, or null
 * @param userProperties in the sender's order
 */
public record MessageProperties(
    int payloadFormat,
    long messageExpirySeconds,
    @Nullable String contentType,
    @Nullable String responseTopic,
    @Nullable Payload correlationData,
    List<UserProperty> userProperties) {
  public static final int ABSENT = -1;
  public static final MessageProperties NONE =
      new MessageProperties(ABSENT, ABSENT, null, null, null, List.of());

  public MessageProperties {
    userProperties = List.copyOf(userProperties);
  }

  public boolean hasMessageExpiry() {
    return messageExpirySeconds != ABSENT;
  }

  /** Approximate bytes these properties occupy, for limits; 0 for {@link #NONE}. */
  public int sizeBytes() {
    int size = messageExpirySeconds == ABSENT ? 0 : 8;
    size += contentType == null ? 0 : 40 + contentType.length();
    size += responseTopic == null ? 0 : 40 + responseTopic.length();
    size += correlationData == null ? 0 : 32 + correlationData.length();
    for (UserProperty property : userProperties) {
      size += 64 + property.name().length() + property.value().length();
    }
    return size;
  }
}
