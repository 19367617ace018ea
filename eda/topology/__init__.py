"""Topologies: behavioural op-amps, and circuits of transistors of many classes."""
