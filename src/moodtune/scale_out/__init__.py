"""Lists for every listener of a service: partition by partition, on one machine or on many."""
