/**
 * Attributes of nodes, from and to plain JavaScript values.
 *
 * ONNX distinguishes integers from floats where JavaScript does not: plain numbers are written as
 * integers, numbers wrapped in {@linkcode float} as floats.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import {
  type AttributeProto,
  AttributeProto_AttributeType as Type,
  AttributeProtoSchema,
  type NodeProto,
  type TensorProto,
} from "./proto/onnx_pb.ts";

/** A float attribute's value, as {@linkcode float} makes it. */
export interface FloatAttribute {
  readonly float: number;
}

/** The value of an attribute: an integer, a float, integers, a string or a tensor. */
export type AttributeValue =
  | number
  | FloatAttribute
  | readonly number[]
  | string
  | TensorProto;

/** Attributes by name; those that are `undefined` are left out. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/**
 * Marks a number as a float attribute.
 */
export function float(value: number): FloatAttribute {
  return { float: Math.fround(value) };
}

/** Attribute messages of a record of attributes. */
export function makeAttributes(attributes: Attributes): AttributeProto[] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [create(AttributeProtoSchema, { name, ...encode(value) })]
  );
}

function encode(value: AttributeValue) {
  if (typeof value === "number") return { type: Type.INT, i: BigInt(value) };
  if (typeof value === "string") return { type: Type.STRING, s: new TextEncoder().encode(value) };
  if (isList(value)) return { type: Type.INTS, ints: value.map(BigInt) };
  if ("float" in value) return { type: Type.FLOAT, f: value.float };
  return { type: Type.TENSOR, t: value };
}

function isList(value: AttributeValue): value is readonly number[] {
  return Array.isArray(value);
}

/** A node's attribute of that name, if it is set. */
export function findAttribute(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

/** A node's integer attribute, or `fallback` where it is not set. */
export function intAttribute(node: NodeProto, name: string, fallback: number): number {
  const attribute = findAttribute(node, name);
  return attribute ? Number(attribute.i) : fallback;
}

/** A node's float attribute, or `fallback` where it is not set. */
export function floatAttribute(node: NodeProto, name: string, fallback: number): number {
  return findAttribute(node, name)?.f ?? fallback;
}

/** A node's list of integers, if it is set. */
export function intsAttribute(node: NodeProto, name: string): number[] | undefined {
  return findAttribute(node, name)?.ints.map(Number);
}

/** A node's string attribute, or `fallback` where it is not set. */
export function stringAttribute(node: NodeProto, name: string, fallback: string): string {
  const attribute = findAttribute(node, name);
  return attribute ? new TextDecoder().decode(attribute.s) : fallback;
}
