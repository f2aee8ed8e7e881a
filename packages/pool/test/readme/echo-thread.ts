// echo-thread.ts: runs in each thread
import type { Socket } from 'node:net'
import type { StartThread } from '@tsws/pool'

export const startThread: StartThread<{ greeting: string }> = ({ id, data }) => {
  const open = new Set<Socket>()
  return {
    connection(socket) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
      socket.write(`${data.greeting} from thread ${id}\n`)
      socket.pipe(socket)
    },
    // Asked on close() and reload(): finish. After the grace time, what is still open is cut.
    async drain() {
      const ended = [...open].map((socket) => new Promise<void>((resolve) => socket.end(() => resolve())))
      await Promise.all(ended)
    },
    stats: () => ({ open: open.size }),
  }
}
