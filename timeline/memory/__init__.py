"""Main memory as the record alone tells it: free space, occupancy, the admission queue."""
