import { gzipSync } from 'node:zlib';

/** One file of an archive. */
export interface ArchiveFile {
  readonly name: string;
  readonly content: Uint8Array;
}

const BLOCK_BYTES = 512;
const GZIP_SYSTEM_INDEX = 9;
const GZIP_SYSTEM_UNKNOWN = 255;

/**
 * A tar.gz archive whose bytes depend on names and contents alone: no times, no owners, no name of the operating system.
 * All organisations must get the same chaincode package id from it on all machines, so nothing is compressed: what a
 * compressor makes of the same bytes differs between versions of Node.
 */
export function tarGzip(files: readonly ArchiveFile[]): Buffer {
  const blocks = files.flatMap((file) => [header(file), Buffer.from(file.content), padding(file.content.length)]);
  const packed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]), { level: 0 });
  packed[GZIP_SYSTEM_INDEX] = GZIP_SYSTEM_UNKNOWN;
  return packed;
}

/** A POSIX ustar header (IEEE Std 1003.1, pax): offsets of the fields are fixed, numbers are octal text. */
function header(file: ArchiveFile): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(file.name, 0, 100, 'utf8');
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${file.content.length.toString(8).padStart(11, '0')}\0`, 124);
  block.write(`${'0'.repeat(11)}\0`, 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\0' + '00', 257);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function padding(length: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (length % BLOCK_BYTES)) % BLOCK_BYTES);
}
