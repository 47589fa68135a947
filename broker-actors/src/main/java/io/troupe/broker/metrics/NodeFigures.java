package io.troupe.broker.metrics;

/**
 * What a node tells the others of itself, once a second.
 *
 * @param node its name, for people
 * @param connectionsReserved connections it has or may let in until it tells again
 * @param sessionsReserved sessions that its part of the directory has or may take until then
 */
public record NodeFigures(
    String node, long connectionsReserved, long sessionsReserved, Totals totals) {}
