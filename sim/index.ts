export { createMachines, SimulatedMachine } from './machine.js';
