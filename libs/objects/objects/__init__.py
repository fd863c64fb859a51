"""Put, get and sign objects on any S3 server or in a local folder."""
