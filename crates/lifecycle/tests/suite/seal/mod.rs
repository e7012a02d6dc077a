mod faults;
mod kill;
mod lapses;
mod life;
mod model;
mod moves;
mod rollups;
