#!/usr/bin/env ruby
# Reads JSON that is built like the sample
# Reads standard input.
# frozen_string_literal: true

require "json"

$stdout.set_encoding(Encoding::UTF_8)

# The types of the response, in the order in which they are printed.
ANSWER_ROW = {
  'id' => :integer,
  'note' => :text,
}.freeze
OWNER = {
  'id' => :text,
  'class' => :json,
}.freeze
ANSWER = {
  'id' => :integer,
  '2nd-name' => :text,
  'class' => :boolean,
  'mean' => :number,
  'tags' => [:text],
  'grid' => [[:integer]],
  'owner' => OWNER,
  'rows' => [ANSWER_ROW],
  'userName' => :text,
  'user_name' => :text,
}.freeze

def parse(text)
  JSON.parse(text)
rescue JSON::ParserError => error
  abort "standard input is not JSON (#{error.message})"
end

def escaped(text)
  text.gsub(/[\\\n\r]/, "\\" => "\\\\", "\n" => "\\n", "\r" => "\\r")
end

def formatted(value)
  case value
  when Float then format("%.15g", value)
  when Hash, Array then escaped(JSON.generate(value))
  else escaped(value.to_s)
  end
end

# Prints each value of a type on its own line, and nothing for absent values.
def show(place, value, type)
  return if value.nil?

  case type
  when Symbol
    puts "#{place}: #{formatted(value)}"
  when Array
    return unless value.is_a?(Array)

    value.each_with_index { |element, index| show("#{place}[#{index}]", element, type.first) }
  when Hash
    return unless value.is_a?(Hash)

    type.each do |name, member_type|
      show(place.empty? ? escaped(name) : "#{place}.#{escaped(name)}", value[name], member_type)
    end
  end
end

show("", parse($stdin.set_encoding(Encoding::UTF_8).read), ANSWER)
