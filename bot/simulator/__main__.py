"""`python -m bot.simulator`: the simulator as a process of its own."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import uvloop

from bot.simulator.server import Simulator


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 = any free port")
    parser.add_argument("--smtp-port", type=int, default=8025, help="0 = any free port")
    parser.add_argument("--data", type=Path, default=None, help="SQLite file; without it nothing is kept")
    parser.add_argument("--token", default="1000000001:simulator")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def announce(simulator: Simulator) -> None:
    lines = (
        f"Telegram simulado: {simulator.url}",
        f"Teléfono: {simulator.url}/",
        f"Correo: {simulator.url}/correo",
        f"SMTP: {simulator.smtp_url}",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


async def run(options: argparse.Namespace) -> None:
    simulator = Simulator(
        data_file=options.data,
        host=options.host,
        port=options.port,
        smtp_port=options.smtp_port,
        token=options.token,
        seed=options.seed,
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await simulator.start()
    announce(simulator)
    await stop.wait()
    await simulator.stop()


def main() -> int:
    options = arguments()
    try:
        uvloop.run(run(options))
    except OSError as error:
        sys.stderr.write(f"No se puede escuchar en {options.host}: {error.strerror}.\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
