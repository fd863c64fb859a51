"""The same parts as containers, where there is an engine (MULTICANVAS_PARTS=containers)."""

import contextlib
import secrets
from collections.abc import Generator

from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs
from testcontainers.kafka import KafkaContainer
from testcontainers.postgres import PostgresContainer

from multicanvas.parts import Endpoints, S3Endpoint

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "confluentinc/cp-kafka:8.1.0"
SEAWEED_IMAGE = "chrislusf/seaweedfs:4.48"


@contextlib.contextmanager
def running_containers() -> Generator[Endpoints]:
    """PostgreSQL, Kafka and SeaweedFS, removed at the end. Raises what the engine says."""
    with contextlib.ExitStack() as stack:
        password = secrets.token_hex(16)
        postgres = stack.enter_context(
            PostgresContainer(POSTGRES_IMAGE, username="postgres", password=password, driver=None)
        )
        broker = KafkaContainer(KAFKA_IMAGE).with_kraft()
        broker.with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
        stack.enter_context(broker)
        access, secret = secrets.token_hex(8), secrets.token_hex(16)
        seaweed = DockerContainer(SEAWEED_IMAGE).with_exposed_ports(8333)
        seaweed.with_command("mini -dir=/data -ip.bind=0.0.0.0")
        seaweed.with_env("AWS_ACCESS_KEY_ID", access).with_env("AWS_SECRET_ACCESS_KEY", secret)
        stack.enter_context(seaweed)
        wait_for_logs(seaweed, "All enabled components are running", timeout=60)
        endpoint = f"http://{seaweed.get_container_host_ip()}:{seaweed.get_exposed_port(8333)}"
        yield Endpoints(
            postgres=postgres.get_connection_url(),
            kafka=broker.get_bootstrap_server(),
            s3=S3Endpoint(endpoint, access, secret),
            valkey=None,
        )
