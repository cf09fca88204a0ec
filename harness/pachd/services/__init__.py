"""One file a gRPC service: protobuf in, domain call, protobuf out. No rules live here."""
