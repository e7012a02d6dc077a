mod age;
mod any_order;
mod erasure;
mod world;
