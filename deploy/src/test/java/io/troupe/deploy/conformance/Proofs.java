package io.troupe.deploy.conformance;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.conformance.Statement;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which test methods cite which statements and promises; read from compiled test classes. */
record Proofs(
    Map<String, NavigableSet<String>> v311,
    Map<String, NavigableSet<String>> v5,
    Map<String, NavigableSet<String>> promises) {

  /** Scans where these classes come from: a directory of classes or a jar each. */
  static Proofs scan(Class<?>... oneOfEachModule) {
    Proofs proofs = new Proofs(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    List<URL> locations = new ArrayList<>();
    for (Class<?> one : oneOfEachModule) {
      locations.add(one.getProtectionDomain().getCodeSource().getLocation());
    }
    for (JavaClass scanned : new ClassFileImporter().importUrls(locations)) {
      for (JavaMethod method : scanned.getMethods()) {
        method
            .tryGetAnnotationOfType(Statement.class)
            .ifPresent(statement -> proofs.add(name(method), statement));
        method
            .tryGetAnnotationOfType(Promise.class)
            .ifPresent(promise -> add(proofs.promises, promise.value(), name(method)));
      }
    }
    return proofs;
  }

  private static String name(JavaMethod method) {
    return method.getOwner().getSimpleName() + "." + method.getName();
  }

  private void add(String name, Statement statement) {
    add(v311, statement.v311(), name);
    add(v5, statement.v5(), name);
  }

  private static void add(Map<String, NavigableSet<String>> proofs, String[] numbers, String test) {
    for (String number : numbers) {
      proofs.computeIfAbsent(number, key -> new TreeSet<>()).add(test);
    }
  }

  /** How many tests cite any statement. */
  int tests() {
    NavigableSet<String> all = new TreeSet<>();
    v311.values().forEach(all::addAll);
    v5.values().forEach((Collection<String> tests) -> all.addAll(tests));
    return all.size();
  }
}
