package io.troupe.broker.session;

import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.connection.OutboundBatch;
import io.troupe.broker.connection.Undelivered;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.TopicPartitionActor;
import io.troupe.protocol.codec.PublishEncoder;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Will;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.Effects;
import io.troupe.protocol.session.SessionEvent;
import io.troupe.protocol.session.Subscription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the session core asks for while it handles a command, performed in order once the events of
 * that command are stored; the messages for the connection come last, in one batch. Owned by the
 * session's actor.
 */
final class SessionEffects implements Effects {
  private final SessionShell shell;
  private final SessionSurroundings surroundings;
  private final UnstoredEvents events;
  private final Attachment attachment;
  private final SubscriptionShell subscriptions;
  private final List<Runnable> after = new ArrayList<>(2);
  private @Nullable OutboundBatch batch;
  private boolean performing;

  SessionEffects(
      SessionShell shell,
      UnstoredEvents events,
      Attachment attachment,
      SubscriptionShell subscriptions) {
    this.shell = shell;
    this.surroundings = shell.surroundings;
    this.events = events;
    this.attachment = attachment;
    this.subscriptions = subscriptions;
  }

  /** Adds what is to be done once the events are stored. */
  void after(Runnable action) {
    after.add(action);
  }

  /** Nothing of what was asked for is done. */
  void cancel() {
    after.clear();
  }

  /** The events are stored. */
  void perform() {
    performing = true;
    for (int i = 0; i < after.size(); i++) {
      after.get(i).run();
    }
    performing = false;
    after.clear();
    OutboundBatch made = batch;
    if (made != null) {
      batch = null;
      ConnectionPort connection = attachment.connection();
      if (connection != null) {
        connection.deliver(made);
      } else {
        made.taken();
      }
    }
  }

  private OutboundBatch batch() {
    OutboundBatch made = batch;
    if (made == null) {
      made = new OutboundBatch();
      batch = made;
    }
    return made;
  }

  /** Sends those messages at QoS 0 that this client may have. */
  void sendAtMostOnce(List<Message> messages, Delivery delivery) {
    boolean all = true;
    for (Message message : messages) {
      all &= isDeliverable(message, delivery);
    }
    if (all) {
      batch().add(messages, delivery);
      return;
    }
    for (Message message : messages) {
      if (mayDeliver(message, delivery)) {
        batch().add(message, delivery, 0, false);
      }
    }
  }

  /** A parcel of a read cycle is taken when the batch is written; now if there is none. */
  void carries(Undelivered.@Nullable Parcel parcel) {
    OutboundBatch made = batch;
    if (parcel != null && made == null) {
      parcel.taken();
    } else if (parcel != null && made != null) {
      made.carries(parcel);
    }
  }

  @Override
  public long nowMillis() {
    return shell.nowMillis();
  }

  @Override
  public void persist(SessionEvent event) {
    persistLater(event);
    events.storeNow();
  }

  @Override
  public void persistLater(SessionEvent event) {
    if (performing) {
      throw new AssertionError("too late to store " + event);
    }
    events.add(event);
  }

  private boolean isDeliverable(Message message, Delivery delivery) {
    return attachment.fits(message, delivery) && attachment.mayReceive(message.topic());
  }

  @Override
  public boolean mayDeliver(Message message, Delivery delivery) {
    if (!attachment.mayReceive(message.topic())) {
      surroundings.metrics().dropped(DropReason.NOT_AUTHORIZED, 1);
      return false;
    }
    if (!attachment.fits(message, delivery)) {
      surroundings.metrics().dropped(DropReason.TOO_LARGE, 1);
      return false;
    }
    return true;
  }

  @Override
  public boolean isAuthorized(Message message) {
    return attachment.mayReceive(message.topic());
  }

  @Override
  public void publish(Message message, Delivery delivery, int packetId, boolean dup) {
    batch().add(message, delivery, packetId, dup);
    if (dup) {
      surroundings.metrics().retransmitted(message.qos().min(delivery.qos()));
    }
  }

  @Override
  public boolean isFlowing() {
    ConnectionPort connection = attachment.connection();
    boolean flows = connection != null && !connection.isCongested();
    if (!flows) {
      shell.pumpSoon();
    }
    return flows;
  }

  @Override
  public void leaveQueue(Subscription subscription) {
    after(() -> subscriptions.leaveQueue(subscription));
  }

  @Override
  public void pubrel(int packetId, ReasonCode reason) {
    after(
        () -> {
          ConnectionPort connection = attachment.connection();
          if (connection != null) {
            connection.send(Pubrel.of(packetId, reason));
          }
        });
  }

  @Override
  public void read(String filter, long fromOffset) {
    after(() -> shell.read(filter, fromOffset));
  }

  @Override
  public void pause(String filter) {
    tellPartition(new TopicPartitionActor.Pause(filter, shell.clientId));
  }

  @Override
  public void settled(String filter, long below) {
    tellPartition(new TopicPartitionActor.Settled(filter, shell.clientId, below));
  }

  @Override
  public void sharedSettled(String filter, long offset) {
    tellPartition(new TopicPartitionActor.SharedSettled(filter, shell.clientId, List.of(offset)));
  }

  @Override
  public void sharedRefused(String filter, long offset) {
    tellPartition(new TopicPartitionActor.SharedRefused(filter, shell.clientId, List.of(offset)));
  }

  private void tellPartition(TopicPartitionActor.FilterCommand command) {
    after(() -> surroundings.partitions().tell(command));
  }

  @Override
  public void dropped(DropCause cause, int messages) {
    switch (cause) {
      case EXPIRED -> surroundings.metrics().dropped(DropReason.EXPIRED, messages);
      case PENDING_FULL -> surroundings.metrics().dropped(DropReason.SLOW_CONSUMER, messages);
      case QUEUE_FULL -> {} // the partition has counted them when it dropped them
    }
  }

  @Override
  public void publishWill(Will will, long sequence, boolean retry) {
    Message message =
        new Message(
            will.topic(),
            will.payload(),
            will.qos(),
            will.retain(),
            will.properties(),
            shell.clientId,
            nowMillis());
    String username = shell.state().username().orElse(null);
    shell.willLeaveMark();
    after(
        () ->
            surroundings.publishWill(
                message,
                username,
                sequence,
                retry,
                result -> shell.tellSelf(new ClientSessionActor.WillDone(sequence, result))));
  }

  @Override
  public void unsubscribe(Subscription subscription) {
    subscriptions.forget(subscription.filter());
  }

  /** Bytes of the PUBLISH, as 5.0 encodes it. */
  static int encodedLength(Message message, Delivery delivery) {
    return PublishEncoder.encodedLength(
        ProtocolVersion.V5,
        message.topic(),
        message.payload(),
        message.qos().min(delivery.qos()),
        0,
        message.properties(),
        message.properties().messageExpirySeconds(),
        delivery.subscriptionIds());
  }
}
