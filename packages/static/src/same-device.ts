/**
 * Whether two looks at a file were on the same device. 0 is none that was told: on Windows 11, Node 22.12 to 22.16 and 24.0
 * and 24.1 look at a path in a way that leaves the device out, while an opened file has it (libuv 1.49 and 1.50).
 */
export function isSameDevice(one: number, other: number): boolean {
  return one === other || one === 0 || other === 0
}
