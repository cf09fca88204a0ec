"""Where a cluster comes from: started here (embedded), or given by its address (external)."""

from harness.clusters.choice import EMBEDDED, start
from harness.clusters.cluster import Cluster, ClusterDiedError, ClusterError
from harness.clusters.embedded import EmbeddedCluster, Options

__all__ = ["EMBEDDED", "Cluster", "ClusterDiedError", "ClusterError", "EmbeddedCluster", "Options", "start"]
