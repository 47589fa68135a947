"""Adds up Surefire's reports of all modules; fails when there are none."""

import glob
import sys
import xml.etree.ElementTree as tree

KEYS = ("tests", "failures", "errors", "skipped")
total = dict.fromkeys(KEYS, 0)
reports = sorted(glob.glob("*/target/surefire-reports/TEST-*.xml"))
for module in sorted({report.split("/")[0] for report in reports}):
    sums = dict.fromkeys(KEYS, 0)
    for report in glob.glob(f"{module}/target/surefire-reports/TEST-*.xml"):
        suite = tree.parse(report).getroot()
        for key in KEYS:
            sums[key] += int(suite.get(key, 0))
    for key in KEYS:
        total[key] += sums[key]
    print(f"  {module:16}", " ".join(f"{key} {sums[key]}" for key in KEYS))
print(f"  {'all':16}", " ".join(f"{key} {total[key]}" for key in KEYS))
sys.exit(0 if reports else 1)
