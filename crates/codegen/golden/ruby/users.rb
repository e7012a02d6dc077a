#!/usr/bin/env ruby
# List users
# GET /v2/users
#
# Optional parameters:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
#   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
# frozen_string_literal: true

require "json"
require "net/http"
require "time"
require "uri"

$stdout.set_encoding(Encoding::UTF_8)

# Maximum time for a response, in seconds.
TIMEOUT_SECONDS = 60

# The types of the response, in the order in which they are printed.
LICENSE_INFO_LIST_ITEM = {
  'license_option' => :integer,
  'license_type' => :text,
  'subscription_id' => :text,
}.freeze
CUSTOM_ATTRIBUTE = {
  'key' => :text,
  'name' => :text,
  'value' => :text,
}.freeze
USER = {
  'created_at' => :text,
  'custom_attributes' => [CUSTOM_ATTRIBUTE],
  'dept' => :text,
  'display_name' => :text,
  'division_ids' => [:text],
  'email' => :text,
  'employee_unique_id' => :text,
  'first_name' => :text,
  'group_ids' => [:text],
  'host_key' => :text,
  'id' => :text,
  'im_group_ids' => [:text],
  'last_client_version' => :text,
  'last_login_time' => :text,
  'last_name' => :text,
  'license_info_list' => [LICENSE_INFO_LIST_ITEM],
  'plan_united_type' => :text,
  'pmi' => :integer,
  'role_id' => :text,
  'status' => :text,
  'timezone' => :text,
  'type' => :integer,
  'user_created_at' => :text,
  'verified' => :integer,
}.freeze
ANSWER = {
  'next_page_token' => :text,
  'page_count' => :integer,
  'page_size' => :integer,
  'total_records' => :integer,
  'page_number' => :integer,
  'users' => [USER],
}.freeze

def parse(text)
  JSON.parse(text)
rescue JSON::ParserError => error
  abort "the response is not JSON (#{error.message}): #{text}"
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
# +printed+ counts the elements of each list, which continues on the next page.
def show(place, value, type, printed)
  return if value.nil?

  case type
  when Symbol
    puts "#{place}: #{formatted(value)}"
  when Array
    return unless value.is_a?(Array)

    value.each.with_index(printed[place]) do |element, index|
      show("#{place}[#{index}]", element, type.first, printed)
    end
    printed[place] += value.size
  when Hash
    return unless value.is_a?(Hash)

    type.each do |name, member_type|
      show(place.empty? ? escaped(name) : "#{place}.#{escaped(name)}", value[name], member_type, printed)
    end
  end
end

# Returns an environment variable.
def setting(name)
  value = ENV.fetch(name, "")
  value.empty? ? abort("set #{name} in the environment") : value
end

# Percent-encodes everything but letters, digits and -._~
def encode(text)
  text.b.gsub(/[^A-Za-z0-9._~-]/n) { |byte| format("%%%02X", byte.ord) }
end

# Writes parameters as a query or a form.
def pairs(parameters)
  parameters.map { |name, *values| "#{encode(name)}=#{values.map { |value| encode(value) }.join(",")}" }.join("&")
end

# Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
def wait_seconds(response)
  retry_after = response["Retry-After"] || "1"
  return retry_after.to_i if retry_after.match?(/\A\d+\z/)

  [Time.iso8601(retry_after) - Time.now, 0].max
rescue ArgumentError
  1
end

def text_of(response)
  response.body.to_s.dup.force_encoding(Encoding::UTF_8)
end

# Sends the request and returns a successful response. Retries up to five times after 429.
def send_request(url, headers, body = nil)
  uri = URI(url)
  options = { use_ssl: uri.scheme == "https", open_timeout: TIMEOUT_SECONDS, read_timeout: TIMEOUT_SECONDS, max_retries: 0 }
  (0..5).each do |attempt|
    request = Net::HTTPGenericRequest.new('GET', !body.nil?, true, uri, headers)
    request.body = body
    response = Net::HTTP.start(uri.hostname, uri.port, **options) { |http| http.request(request) }
    return response if response.is_a?(Net::HTTPSuccess)

    abort "HTTP #{response.code}: #{text_of(response)}" if response.code != "429" || attempt == 5
    seconds = wait_seconds(response)
    warn "429: waiting #{seconds.round} s"
    sleep seconds
  end
rescue SystemCallError, SocketError, EOFError, Timeout::Error, OpenSSL::SSL::SSLError => error
  abort "#{url}: #{error.message}"
end

# List users: yields the pages.
def users
  base_url = setting("API_BASE_URL").sub(%r{/+\z}, "")
  path = '/v2/users'
  headers = {
    "Accept" => 'application/json',
    "Authorization" => "Bearer #{setting("API_TOKEN")}",
  }
  query = []
  url = "#{base_url}#{path}"
  while url
    response = send_request(url, headers)
    page = parse(text_of(response))
    yield page
    token = page.is_a?(Hash) ? page["next_page_token"].to_s : ""
    url = token.empty? ? nil : "#{base_url}#{path}?#{pairs([*query, ["next_page_token", token]])}"
  end
end

printed = Hash.new(0)
users { |page| show("", page, ANSWER, printed) }
