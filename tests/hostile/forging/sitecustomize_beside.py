# Brings a sitecustomize of its own, in place of the probe; see the test.
import sitecustomize

print("mine", sitecustomize.__file__)
