package io.troupe.protocol.session;

import io.troupe.protocol.packet.Will;
import org.jspecify.annotations.Nullable;

/**
 * The session of one client (4.1): one method per input, deciding from {@link SessionState} and
 * asking {@link Effects}.
 *
 * <pre>
 *   none --attach--> connected --detach--> disconnected --wake at expiry--> none
 *                        ^                      |
 *                        +-------attach---------+
 * </pre>
 *
 * A session with a Session Expiry Interval of 0 goes from connected to none. A will that must be
 * published is settled before the session ends or the next connection is attached.
 */
public final class Session {
  private final SessionState state;
  private final Effects effects;
  private final OutboundFlow outbound;
  private final InboundFlow inbound;
  private boolean endAfterWill;
  private boolean willUnderWay;

  /** Whether the partitions were told already that the subscriptions go. */
  private boolean unsubscribed;

  public Session(String clientId, SessionState state, SessionLimits limits, Effects effects) {
    this.state = state;
    this.effects = effects;
    this.outbound = new OutboundFlow(clientId, state, limits, effects);
    this.inbound = new InboundFlow(state, effects);
  }

  public SessionState state() {
    return state;
  }

  public OutboundFlow outbound() {
    return outbound;
  }

  public InboundFlow inbound() {
    return inbound;
  }

  /**
   * Whether a CONNECT now would find a session (MQTT-3.2.2-2): there is one, it has not expired,
   * and it does not end with a connection that is only closing.
   */
  public boolean isPresent(boolean cleanStart) {
    return !cleanStart
        && state.exists()
        && !endAfterWill
        && effects.nowMillis() < state.expiresAtMillis();
  }

  /**
   * A CONNECT has come; any earlier connection was detached before. A will still waiting is
   * cancelled if the session goes on and its delay has not passed (MQTT-3.1.3-9), else published.
   *
   * @return whether {@link #attach} may follow at once; if not, ask again after {@link
   *     #willPublished} or {@link #willFailed}
   */
  public boolean prepareAttach(boolean cleanStart) {
    if (willUnderWay) {
      return false;
    }
    boolean present = isPresent(cleanStart);
    Will will = state.will;
    if (will == null
        || !state.connectedTo.isEmpty()
        || (present && !state.willStarted && effects.nowMillis() < state.willDueAtMillis)) {
      return true;
    }
    if (!present) {
      unsubscribeAll();
      endAfterWill = true;
    }
    publish(will, state.willSequence);
    return false;
  }

  /**
   * A connection is attached, after {@link #prepareAttach}.
   *
   * @param username the name the will's rights go by when it is published, or null: anonymous
   * @param connectedTo incarnation of the node that holds it
   * @param connectionId its number there
   * @return session present
   */
  public boolean attach(
      boolean cleanStart,
      long expirySeconds,
      @Nullable Will will,
      @Nullable String username,
      String connectedTo,
      long connectionId) {
    boolean present = isPresent(cleanStart);
    if (!present && state.exists()) {
      unsubscribeAll();
      outbound.discard();
      inbound.discard();
    }
    endAfterWill = false;
    willUnderWay = false;
    unsubscribed = false;
    effects.persist(
        new SessionEvent.Attached(
            !present,
            expirySeconds,
            connectedTo,
            connectionId,
            will,
            effects.nowMillis(),
            username));
    return present;
  }

  /**
   * The connection is gone.
   *
   * @param withWill false after DISCONNECT with reason code 0x00, which discards the will
   *     (MQTT-3.14.4-3)
   * @param newExpirySeconds from DISCONNECT, or -1
   * @param resumed whether a new connection takes the session over and goes on with it: a delayed
   *     will waits
   * @param atMillis when it went
   */
  public void detach(boolean withWill, long newExpirySeconds, boolean resumed, long atMillis) {
    if (state.connectedTo.isEmpty()) {
      return;
    }
    outbound.detach();
    long expiry = newExpirySeconds >= 0 ? newExpirySeconds : state.expirySeconds();
    Will will = withWill ? state.will : null;
    if (expiry == 0 && will == null) {
      end();
      return;
    }
    if (expiry == 0) {
      unsubscribeAll();
      endAfterWill = true;
    }
    long willDue = SessionState.NEVER;
    if (will != null) {
      willDue = atMillis + Math.min(will.delaySeconds(), expiry) * 1000;
    }
    effects.persist(new SessionEvent.Detached(expiry, atMillis, willDue));
    boolean atOnce = willDue <= atMillis;
    if (will != null && (atOnce || (!resumed && willDue <= effects.nowMillis()))) {
      publish(will, state.lastSequence + 1);
    }
  }

  /**
   * The connection went without a word, because its node or the actor of this session did.
   *
   * @param atMillis when that was last known alive; not before the connection was attached, and not
   *     in the future
   */
  public void connectionLost(long atMillis) {
    long notBefore = Math.max(state.connectedAtMillis, atMillis);
    detach(true, -1, false, Math.min(notBefore, effects.nowMillis()));
  }

  /**
   * Looks at the clock: publishes a will that is due (MQTT-3.1.2-8), ends a session that has
   * expired.
   */
  public void wake() {
    if (!state.connectedTo.isEmpty() || !state.exists() || willUnderWay) {
      return;
    }
    long now = effects.nowMillis();
    boolean expired = now >= state.expiresAtMillis();
    Will will = state.will;
    if (will != null && (expired || now >= state.willDueAtMillis())) {
      if (expired) {
        unsubscribeAll();
        endAfterWill = true;
      }
      publish(will, state.willSequence);
    } else if (expired) {
      end();
    }
  }

  /** When {@link #wake} has something to do next; {@link SessionState#NEVER} if nothing. */
  public long nextWakeMillis() {
    return Math.min(state.willDueAtMillis(), state.expiresAtMillis());
  }

  /** Whether a will is being published. */
  public boolean isWillUnderWay() {
    return willUnderWay;
  }

  /** The will is stored wherever it must be. */
  public void willPublished(long sequence) {
    if (!willUnderWay || sequence != state.willSequence()) {
      return;
    }
    willUnderWay = false;
    if (endAfterWill) {
      end();
    } else {
      effects.persist(new SessionEvent.WillSettled());
    }
  }

  /** The will could not be published: {@link #wake} or {@link #prepareAttach} tries again. */
  public void willFailed(long sequence) {
    if (sequence == state.willSequence()) {
      willUnderWay = false;
    }
  }

  /** Ends the session, as an administrator may; nothing of it is left. */
  public void end() {
    unsubscribeAll();
    endAfterWill = false;
    effects.persist(new SessionEvent.Ended());
    outbound.discard();
    inbound.discard();
  }

  private void unsubscribeAll() {
    if (!unsubscribed) {
      unsubscribed = true;
      state.subscriptions.values().forEach(entry -> effects.unsubscribe(entry.subscription));
      state.leaving.values().forEach(entry -> effects.unsubscribe(entry.subscription));
    }
  }

  private void publish(Will will, long sequence) {
    // between Detached and its publication a will is not started, whatever came before
    boolean retry = state.connectedTo.isEmpty() && state.willStarted;
    willUnderWay = true;
    if (!retry) {
      effects.persist(new SessionEvent.WillStarted());
    }
    effects.publishWill(will, sequence, retry);
  }
}
