// Draws the map's points: with WebGL, or pixel by pixel where there is no graphics card for it.

import { pointSize, scaleOf } from "./map_camera.js";
import { byPixel } from "./map_pixels.js";

const MOST_MOODS = 32;

const VERTEX = `
  attribute vec2 place; attribute float mood;
  uniform vec2 middle; uniform vec2 scale; uniform mediump float size; uniform vec3 colors[${MOST_MOODS}];
  varying vec3 color;
  void main() {
    gl_Position = vec4((place - middle) * scale, 0.0, 1.0);
    gl_PointSize = size;
    color = colors[int(mood + 0.5)];
  }`;
const FRAGMENT = `
  precision mediump float; varying vec3 color; uniform float alpha; uniform mediump float size;
  void main() {
    float edge = length(gl_PointCoord - 0.5) * size;
    gl_FragColor = vec4(color, 1.0) * alpha * clamp(size * 0.5 + 0.5 - edge, 0.0, 1.0);
  }`;

function compiled(gl, kind, source) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return gl.getShaderParameter(shader, gl.COMPILE_STATUS) ? shader : null;
}

function linked(gl) {
  const program = gl.createProgram();
  const parts = [compiled(gl, gl.VERTEX_SHADER, VERTEX), compiled(gl, gl.FRAGMENT_SHADER, FRAGMENT)];
  if (parts.includes(null)) return null;
  parts.forEach((part) => gl.attachShader(program, part));
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}

const WEBGL = { antialias: false, premultipliedAlpha: true, failIfMajorPerformanceCaveat: true };
const contextOf = (canvas) => canvas.getContext("webgl", WEBGL);

/** What does WebGL on the processor calls itself; not every browser counts it as slow. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function rendererOf(gl) {
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

/** Whether WebGL is there, on a graphics card, and takes the shaders. Asked of a canvas of its own:
 * one that has given a WebGL context gives no other. */
function hasWebGl() {
  const gl = contextOf(document.createElement("canvas"));
  const works = gl !== null && !SOFTWARE.test(rendererOf(gl)) && linked(gl) !== null;
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return works;
}

/** A function (camera, box, look) that draws the points into the canvas; `kind` says how. */
export function drawerOf(canvas, points) {
  const gl = hasWebGl() ? contextOf(canvas) : null;
  if (!gl) return { kind: "canvas", draw: byPixel(canvas.getContext("2d"), points) };
  return { kind: "webgl", draw: withWebGl(gl, linked(gl), points) };
}

function withWebGl(gl, program, points) {
  gl.useProgram(program);
  const attribute = (name, data, size, type) => {
    const at = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, size === 2, 0, 0);
  };
  attribute("place", points.places, 2, gl.UNSIGNED_SHORT);
  attribute("mood", points.mood, 1, gl.UNSIGNED_BYTE);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const uniform = Object.fromEntries(
    ["middle", "scale", "size", "alpha", "colors"].map((name) => [name, gl.getUniformLocation(program, name)]),
  );
  return (camera, box, look) => {
    const scale = scaleOf(camera, box);
    const size = pointSize(camera, box, points.n) * box.ratio;
    gl.viewport(0, 0, box.width * box.ratio, box.height * box.ratio);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(uniform.middle, camera.valence, camera.arousal);
    gl.uniform2f(uniform.scale, (2 * scale) / box.width, (2 * scale) / box.height);
    gl.uniform1f(uniform.size, size);
    gl.uniform1f(uniform.alpha, look.alpha);
    gl.uniform3fv(uniform.colors, look.colors.flat().map((v) => v / 255));
    gl.drawArrays(gl.POINTS, 0, points.n);
  };
}

/** The moods' colours and the paper's as [r, g, b] of 255, as the style sheet has them now. */
export function colorsOf(names, moods) {
  const probe = document.body.appendChild(document.createElement("span"));
  const read = (color) => {
    probe.style.color = color;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  };
  const colors = names.slice(0, MOST_MOODS).map((name) => read(moods.color(name)));
  const found = { colors, paper: read("var(--raised)") };
  probe.remove();
  return found;
}
