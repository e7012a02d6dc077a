"""A line with a round trip: passes bytes on after a pause, in both directions."""

import asyncio
import sys


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause: float) -> None:
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)

    async def leave() -> None:
        while True:
            at, data = await arrived.get()
            await asyncio.sleep(max(0.0, at - loop.time()))
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    leaving = asyncio.create_task(leave())
    while True:
        try:
            data = await reader.read(1 << 18)
        except OSError:
            data = b""
        await arrived.put((loop.time() + pause, data))
        if not data:
            break
    await leaving


async def main(upstream: int, round_trip: float) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", upstream)
        both = [carry(reader, there[1], round_trip / 2), carry(there[0], writer, round_trip / 2)]
        await asyncio.gather(*both, return_exceptions=True)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
