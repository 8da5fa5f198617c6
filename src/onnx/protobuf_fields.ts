/**
 * Walking through protobuf messages that are too large to parse.
 *
 * @module
 */
import type { ByteSource } from "../files/byte_source.ts";

/** Protobuf's wire types, and the lengths of those that have one. */
const VARINT = 0, LENGTH_DELIMITED = 2;
const FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** Bytes read at once while going from field to field. */
const WINDOW = 1 << 16;

/** A field of a message. */
export interface ProtobufField {
  /** Its number in the message's definition. */
  readonly number: number;
  /** Where its content begins in the source. */
  readonly start: number;
  /** Where its content ends. */
  readonly end: number;
  /** The whole field's bytes, tag and length included. */
  read(): Uint8Array;
  /** The fields of its content, if that is a message. */
  fields(): Generator<ProtobufField>;
}

/**
 * The fields of a protobuf message, in order. What is not asked for is not read.
 *
 * @throws {Error} The message is damaged or ends too early.
 *
 * @example
 * ```ts
 * import { memorySource } from "../files/byte_source.ts";
 * import { protobufFields } from "./protobuf_fields.ts";
 *
 * // Field 1 is the number 150, field 2 the text "hi".
 * const message = new Uint8Array([0x08, 0x96, 0x01, 0x12, 0x02, 0x68, 0x69]);
 * const fields = [...protobufFields(memorySource(message))];
 * console.assert(fields.map(({ number }) => number).join() === "1,2");
 * console.assert(fields[1].end - fields[1].start === 2);
 * ```
 */
export function protobufFields(source: ByteSource): Generator<ProtobufField> {
  return fieldsOf(windowed(source), 0, source.size);
}

function* fieldsOf(source: ByteSource, from: number, to: number): Generator<ProtobufField> {
  for (let position = from; position < to;) {
    const tag = varint(source, position);
    const number = Math.floor(tag.value / 8);
    const start = tag.end;
    const end = endOf(source, tag.value % 8, start, to);
    const begin = position;
    const content = tag.value % 8 === LENGTH_DELIMITED ? varint(source, start).end : start;
    yield {
      number,
      start: content,
      end,
      read: () => source.read(begin, end - begin),
      fields: () => fieldsOf(source, content, end),
    };
    position = end;
  }
}

function endOf(source: ByteSource, type: number, start: number, to: number): number {
  let end: number;
  if (type === VARINT) end = varint(source, start).end;
  else if (type === LENGTH_DELIMITED) {
    const length = varint(source, start);
    end = length.end + length.value;
  } else end = start + (FIXED[type] ?? NaN);
  if (!(end <= to)) throw new Error("its protobuf data is damaged or ends too early");
  return end;
}

/** A number in pieces of 7 bits, the lowest first; lengths stay far below 2⁵³. */
function varint(source: ByteSource, position: number): { value: number; end: number } {
  for (let value = 0, scale = 1, end = position;; scale *= 128) {
    if (end >= source.size || end - position > 9) throw new Error("its protobuf data is damaged");
    const [byte] = source.read(end++, 1);
    value += scale * (byte & 127);
    if (byte < 128) return { value, end };
  }
}

/** The same bytes, read a window at a time. */
function windowed(source: ByteSource): ByteSource {
  let window = new Uint8Array();
  let begin = 0;
  return {
    size: source.size,
    read(offset, length) {
      if (length > WINDOW) return source.read(offset, length);
      if (offset < begin || offset + length > begin + window.length) {
        window = source.read(offset, Math.min(WINDOW, source.size - offset));
        begin = offset;
      }
      return window.slice(offset - begin, offset - begin + length);
    },
  };
}
