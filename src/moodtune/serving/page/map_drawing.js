// Draws the map's points: with WebGL, or on a plain canvas where there is none.

import { pointSize, scaleOf, toPlace } from "./map_camera.js";

const FULL = 65535;
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

const contextOf = (canvas) => canvas.getContext("webgl", { antialias: false, premultipliedAlpha: true });

/** Whether WebGL is there and takes the shaders. Asked of a canvas of its own: one that has given a
 * WebGL context gives no other. */
function hasWebGl() {
  const gl = contextOf(document.createElement("canvas"));
  const works = gl !== null && linked(gl) !== null;
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return works;
}

/** A function (camera, box, look) that draws the points into the canvas; `kind` says how. */
export function drawerOf(canvas, points) {
  const gl = hasWebGl() ? contextOf(canvas) : null;
  if (!gl) return { kind: "canvas", draw: onCanvas(canvas.getContext("2d"), points) };
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

/** Squares of each mood's colour, of those points alone that are in sight. */
function onCanvas(context, points) {
  return (camera, box, look) => {
    context.setTransform(box.ratio, 0, 0, box.ratio, 0, 0);
    context.clearRect(0, 0, box.width, box.height);
    context.globalAlpha = look.alpha;
    const scale = scaleOf(camera, box);
    const size = Math.max(1, pointSize(camera, box, points.n) * 0.9);
    const [left, top] = toPlace(camera, box, [0, 0]);
    for (let mood = 0; mood < points.moods.length; mood += 1) {
      context.fillStyle = `rgb(${look.colors[mood].join(" ")})`;
      for (let i = 0; i < points.n; i += 1) {
        if (points.mood[i] !== mood) continue;
        const x = (points.places[2 * i] / FULL - left) * scale;
        const y = (top - points.places[2 * i + 1] / FULL) * scale;
        if (x > -size && y > -size && x < box.width && y < box.height) context.fillRect(x - size / 2, y - size / 2, size, size);
      }
    }
  };
}

/** The moods' colours as [r, g, b] of 255, as the style sheet has them now. */
export function colorsOf(names, moods) {
  const probe = document.body.appendChild(document.createElement("span"));
  const found = names.slice(0, MOST_MOODS).map((name) => {
    probe.style.color = moods.color(name);
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  });
  probe.remove();
  return found;
}
