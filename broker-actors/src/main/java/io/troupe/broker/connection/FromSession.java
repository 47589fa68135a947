package io.troupe.broker.connection;

import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.InboundFlow;
import java.util.List;

/** A call of {@link ConnectionPort}, on its way to a connection on another node. */
public sealed interface FromSession {

  /** The session is attached. */
  record Attached(boolean sessionPresent) implements FromSession {}

  /** The session cannot be had. */
  record Refused(ReasonCode reason) implements FromSession {}

  /** Application messages. */
  record Deliver(OutboundBatch batch) implements FromSession {}

  /** SUBACK, UNSUBACK, PUBREL or PUBCOMP. */
  record Send(Packet packet) implements FromSession {}

  /** QoS 2 PUBLISHes may be routed. */
  record Admitted(List<InboundFlow.Admission> admissions, long settledBelow)
      implements FromSession {}

  /** The session has seen to acknowledgements. */
  record Handled(int acknowledgements) implements FromSession {}

  /** The connection is to be closed. */
  record Close(ReasonCode reason) implements FromSession {}
}
