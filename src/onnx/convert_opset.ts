/**
 * Writes a model in an operator set that runtimes know and that derivatives can be written in.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import { stringAttribute } from "./attribute.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel, opsetOf } from "./model.ts";
import { isStandard } from "./node_view.ts";
import type { GraphProto, NodeProto, TensorProto } from "./proto/onnx_pb.ts";
import { makeTensor } from "./tensor.ts";
import { UPGRADES, type Upgrading } from "./upgrade_node.ts";

/** The oldest operator set in which scatters add up, which the adjoints of look-ups need. */
const ADDING_OPSET = 16;

/** The newest operator set, and its IR version, that the pinned ONNX Runtime runs. */
const NEWEST = { opset: 26, ir: 13n };

/** Older operators broadcast by attributes. */
const OLDEST_CONVERTED = 7;

/**
 * The model in an operator set from 16 to 26; one in these is returned as it is. It computes the same.
 * Weights are shared.
 *
 * Axes, splits, bounds and the like, which were attributes, become inputs. A newer set is named as an
 * older one: the operators that are in both have got more element types since, and no other meaning.
 *
 * @throws {UserError} The operator set is older than 7, or a node has no counterpart.
 */
export function convertOpset(model: OnnxModel): OnnxModel {
  const opset = opsetOf(model);
  if (opset >= ADDING_OPSET && opset <= NEWEST.opset) return model;
  if (opset > NEWEST.opset) {
    const irVersion = model.irVersion > NEWEST.ir ? NEWEST.ir : model.irVersion;
    return changed(named(model, NEWEST.opset), {
      irVersion,
      graph: eachNode(graphOf(model), (node) => [withoutNewDefaults(node)]),
    });
  }
  if (opset < OLDEST_CONVERTED) {
    throw new UserError(
      `Cannot use the ONNX model: wanted operator set ${OLDEST_CONVERTED} or newer, got ${opset}`,
      `export the model again with opset ${ADDING_OPSET} or newer`,
    );
  }
  const graph = graphOf(model);
  const added: TensorProto[] = [];
  const taken = new Set(namesOf(graph));
  const fresh = (hint: string) => {
    let name = hint;
    for (let serial = 1; taken.has(name); serial++) name = `${hint}_${serial}`;
    taken.add(name);
    return name;
  };
  const at: Upgrading = {
    opset,
    fresh,
    constant(dtype, shape, values) {
      const tensor = makeTensor(fresh("constant"), dtype, shape, values);
      added.push(tensor);
      return tensor.name;
    },
    known: new Map(graph.initializer.map((tensor) => [tensor.name, tensor])),
  };
  // Subgraphs see the constants of the graph around them.
  const upgraded = eachNode(graph, (node) => upgrade(at, node));
  return changed(named(model, ADDING_OPSET), {
    irVersion: model.irVersion < 8n ? 8n : model.irVersion,
    graph: changed(upgraded, { initializer: [...upgraded.initializer, ...added] }),
  });
}

/** The model with another version of the default operator set; functions in the same name it too. */
function named(model: OnnxModel, opset: number): OnnxModel {
  type Imports = OnnxModel["opsetImport"];
  const own = BigInt(opsetOf(model));
  const imports = (list: Imports): Imports =>
    list.map((one) =>
      isDefault(one.domain) && one.version === own ? changed(one, { version: BigInt(opset) }) : one
    );
  return changed(model, {
    opsetImport: imports(model.opsetImport),
    functions: model.functions.map((one) =>
      changed(one, { opsetImport: imports(one.opsetImport) })
    ),
  });
}

const isDefault = (domain: string) => domain === "" || domain === "ai.onnx";

/** A copy of a graph and its subgraphs with each node replaced by others. */
function eachNode(graph: GraphProto, replace: (node: NodeProto) => NodeProto[]): GraphProto {
  const node = graph.node.flatMap((one) => {
    const attribute = one.attribute.map((attribute) =>
      attribute.g ? changed(attribute, { g: eachNode(attribute.g, replace) }) : attribute
    );
    return replace(changed(one, { attribute }));
  });
  return changed(graph, { node });
}

function upgrade(at: Upgrading, node: NodeProto): NodeProto[] {
  const change = isStandard(node) && Object.hasOwn(UPGRADES, node.opType)
    ? UPGRADES[node.opType]
    : undefined;
  return change ? change(at, node) : [node];
}

/** A node without an attribute that older sets do not have and that says what they do. */
function withoutNewDefaults(node: NodeProto): NodeProto {
  const known = isStandard(node) && node.opType === "SpaceToDepth" &&
    stringAttribute(node, "mode", "DCR") === "DCR";
  if (!known) return node;
  return changed(node, { attribute: node.attribute.filter(({ name }) => name !== "mode") });
}

/** Every name in a graph and its subgraphs. */
function namesOf({ initializer, input, node }: GraphProto): string[] {
  return [
    ...[...initializer, ...input].map(({ name }) => name),
    ...node.flatMap(({ output, attribute }) => [
      ...output,
      ...attribute.flatMap(({ g }) => g ? namesOf(g) : []),
    ]),
  ];
}
