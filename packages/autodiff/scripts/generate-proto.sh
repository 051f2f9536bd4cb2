#!/bin/sh
# Generates src/proto/onnx_pb.ts from onnx.proto (ONNX project, Apache-2.0). Needs protoc (Debian: protobuf-compiler);
# run from packages/autodiff when onnx.proto changes. Enums become constant objects, since a TypeScript enum cannot be
# erased (`erasableSyntaxOnly`).
set -eu
protoc --plugin=../../node_modules/.bin/protoc-gen-es --es_out=src/proto --es_opt=target=ts,import_extension=ts -I src/proto onnx.proto
awk '
  /^export enum / { name = $3; inside = 1; print "export const " name " = {"; next }
  inside && /^}/ { inside = 0; print "} as const;"; print "export type " name " = (typeof " name ")[keyof typeof " name "];"; next }
  inside { sub(/ = /, ": ") }
  { print }
' src/proto/onnx_pb.ts > src/proto/onnx_pb.ts.new
mv src/proto/onnx_pb.ts.new src/proto/onnx_pb.ts
