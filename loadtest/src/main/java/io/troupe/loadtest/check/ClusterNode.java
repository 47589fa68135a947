package io.troupe.loadtest.check;

import io.troupe.loadtest.check.BrokerControl.BrokerFailed;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A node's process, and what it says of its cluster. */
final class ClusterNode {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  /** Of a node that was taken out of its cluster, and of one that found none to join. */
  private static final int TAKEN_OUT = 1;

  private static final int NOT_JOINED = 4;

  private final int number;
  private final BrokerProcess process;
  private final URI health;
  private boolean wanted;

  /**
   * @param number from 1; the first forms the cluster
   * @param http of its administration
   */
  ClusterNode(int number, BrokerProcess process, InetSocketAddress http) {
    this.number = number;
    this.process = process;
    this.health =
        URI.create("http://" + http.getHostString() + ":" + http.getPort() + "/health/ready");
  }

  int number() {
    return number;
  }

  String name() {
    return "node " + number;
  }

  BrokerProcess process() {
    return process;
  }

  /** Whether it should be a member now. */
  boolean isWanted() {
    return wanted;
  }

  void want(boolean member) {
    wanted = member;
  }

  void launch() {
    wanted = true;
    process.launch();
  }

  void start() throws InterruptedException {
    wanted = true;
    process.start();
  }

  /**
   * Lets it leave in order.
   *
   * @throws BrokerFailed if it takes too long or ends with another exit code than 0
   */
  void terminate() throws InterruptedException {
    wanted = false;
    process.terminate();
    if (process.exitCode() != 0) {
      throw new BrokerFailed(name() + " ended with exit code " + process.exitCode());
    }
  }

  /**
   * Returns whether it was so.
   *
   * @throws BrokerFailed if it has ended for another reason
   */
  boolean startAgainIfTakenOut() {
    if (process.isAlive()) {
      return false;
    }
    int code = process.exitCode();
    if (code != TAKEN_OUT && code != NOT_JOINED) {
      throw new BrokerFailed(name() + " ended by itself with exit code " + code);
    }
    process.launch();
    return true;
  }

  /** Whether it serves, as one of so many. */
  boolean isReadyWith(int members) {
    String words = health();
    return words.startsWith("200 ") && sees(members, words);
  }

  /** Whether it sees so many members and no other. */
  boolean seesAll(int members) {
    return sees(members, health());
  }

  private static boolean sees(int members, String words) {
    return words.contains(members + " of " + members + " nodes reachable");
  }

  /** Status code and body, or why there are none. */
  String health() {
    HttpRequest request = HttpRequest.newBuilder(health).timeout(Duration.ofSeconds(5)).build();
    try {
      HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() + " " + response.body();
    } catch (IOException e) {
      return "no answer (" + e + ")";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
