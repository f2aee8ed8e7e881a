// Writes to a disk cache until it is killed: `node disk-writer.ts FOLDER`.
import { DiskCache } from '../src/disk-cache.ts'

const cache = new DiskCache(process.argv[2] as string, 1e9)
for (let number = 0; ; number = (number + 1) % 20) {
  await cache.write(String(number).padStart(64, '0'), 'br', Buffer.alloc(500_000 + number, number))
  process.stdout.write('.')
}
