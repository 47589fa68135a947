package io.troupe.broker.cluster;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A name server of RFC 1035 on loopback: A records, and SRV records of RFC 2782. */
final class DnsServer implements AutoCloseable {
  private static final int A = 1;
  private static final int SRV = 33;
  private static final int INTERNET = 1;
  private static final int NAME_OF_QUESTION = 0xC00C;

  private final DatagramSocket socket;
  private final Map<String, List<String>> addresses;
  private final Map<String, List<Service>> services;

  /** Where a node of a service is. */
  record Service(String host, int port) {}

  DnsServer(Map<String, List<String>> addresses, Map<String, List<Service>> services)
      throws IOException {
    this.addresses = addresses;
    this.services = services;
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serve, "dns");
    thread.setDaemon(true);
    thread.start();
  }

  String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  private void serve() {
    byte[] buffer = new byte[512];
    while (!socket.isClosed()) {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
        byte[] answer = answer(ByteBuffer.wrap(buffer, 0, packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private byte[] answer(ByteBuffer query) throws IOException {
    int id = query.getShort(0);
    query.position(12);
    String name = name(query);
    int type = query.getShort();
    List<String> ips = type == A ? addresses.getOrDefault(name, List.of()) : List.of();
    List<Service> found = type == SRV ? services.getOrDefault(name, List.of()) : List.of();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    int more = 0;
    for (Service service : found) {
      more += addresses.getOrDefault(service.host, List.of()).size();
    }
    int[] header = {id, 0x8580, 1, ips.size() + found.size(), 0, more};
    for (int field : header) {
      out.writeShort(field);
    }
    writeName(out, name);
    out.writeShort(type);
    out.writeShort(INTERNET);
    for (String ip : ips) {
      out.writeShort(NAME_OF_QUESTION);
      writeAddress(out, ip);
    }
    for (Service service : found) {
      out.writeShort(NAME_OF_QUESTION);
      writeService(out, service);
    }
    for (Service service : found) {
      for (String ip : addresses.getOrDefault(service.host, List.of())) {
        writeName(out, service.host);
        writeAddress(out, ip);
      }
    }
    return bytes.toByteArray();
  }

  private static String name(ByteBuffer in) {
    StringBuilder name = new StringBuilder();
    for (int length = in.get(); length > 0; length = in.get()) {
      byte[] label = new byte[length];
      in.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
    }
    return name.toString();
  }

  private static void writeName(DataOutputStream out, String name) throws IOException {
    for (String label : name.split("\\.")) {
      out.writeByte(label.length());
      out.writeBytes(label);
    }
    out.writeByte(0);
  }

  private static void writeAddress(DataOutputStream out, String ip) throws IOException {
    out.writeShort(A);
    out.writeShort(INTERNET);
    out.writeInt(1);
    out.writeShort(4);
    out.write(InetAddress.getByName(ip).getAddress());
  }

  private static void writeService(DataOutputStream out, Service service) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    writeName(new DataOutputStream(target), service.host);
    out.writeShort(SRV);
    out.writeShort(INTERNET);
    out.writeInt(1);
    out.writeShort(6 + target.size());
    out.writeShort(0);
    out.writeShort(0);
    out.writeShort(service.port);
    target.writeTo(out);
  }

  @Override
  public void close() {
    socket.close();
  }
}
