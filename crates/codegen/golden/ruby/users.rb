#!/usr/bin/env ruby
# List users
# GET /v2/users
#
# It also takes:
#   status: `active` (default), `inactive` or `pending`.
#   page_size: Records a page, 30 by default, at most 2000; more means 2000.
#   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
#   role_id: Only users with this role.
#   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
# frozen_string_literal: true

require "json"
require "net/http"
require "time"
require "uri"

$stdout.set_encoding(Encoding::UTF_8)

# Prints a value on one line; nothing if there is none.
def show(place, value)
  case value
  when nil
    return
  when Float
    value = format("%.15g", value)
  else
    value = JSON.generate(value) if value.is_a?(Hash) || value.is_a?(Array)
    value = value.to_s.gsub(/[\\\n\r]/, "\\" => "\\\\", "\n" => "\\n", "\r" => "\\r")
  end
  puts "#{place}: #{value}"
end

# A variable of the environment.
def setting(name)
  value = ENV.fetch(name, "")
  value.empty? ? abort("set #{name} in the environment") : value
end

# Percent-encodes all but letters, digits and -._~.
def encode(text)
  text.b.gsub(/[^A-Za-z0-9._~-]/n) { |byte| format("%%%02X", byte.ord) }
end

# The parameters as a query or a form.
def pairs(parameters)
  parameters.map { |name, *values| encode(name) + "=" + values.map { |value| encode(value) }.join(",") }.join("&")
end

# How long an answer with status 429 asks to wait: in seconds, or up to an instant.
def wait_seconds(response)
  retry_after = response["Retry-After"] || "1"
  return retry_after.to_i if retry_after.match?(/\A\d+\z/)

  [Time.iso8601(retry_after) - Time.now, 0].max
rescue ArgumentError
  1
end

# How long a server may take to answer.
TIMEOUT_SECONDS = 60

# A good answer; after 429 it waits and asks again, at most five times.
def send_request(url, headers, content)
  (0..5).each do |attempt|
    uri = URI(url)
    request = Net::HTTPGenericRequest.new('GET', !content.nil?, true, uri, headers)
    request.body = content
    options = { use_ssl: uri.scheme == "https", open_timeout: TIMEOUT_SECONDS, read_timeout: TIMEOUT_SECONDS, max_retries: 0 }
    response = Net::HTTP.start(uri.hostname, uri.port, **options) { |http| http.request(request) }
    return response if response.is_a?(Net::HTTPSuccess)

    abort "HTTP #{response.code}: #{response.body.to_s.dup.force_encoding("UTF-8")}" if response.code != "429" || attempt == 5
    seconds = wait_seconds(response)
    warn "429: waiting #{seconds.round} s"
    sleep seconds
  end
rescue SystemCallError, SocketError, EOFError, Timeout::Error, OpenSSL::SSL::SSLError => error
  abort "#{url}: #{error.message}"
end

base_url = setting("API_BASE_URL").sub(%r{/+\z}, "")

headers = { "Accept" => 'application/json' }
headers["Authorization"] = "Bearer " + setting("API_TOKEN")
content = nil

path = '/v2/users'
query = []
url = base_url + path + (query.empty? ? "" : "?" + pairs(query))
user_count = 0
while url
  response = send_request(url, headers, content)
  text = response.body.to_s.dup.force_encoding("UTF-8")
  begin
    answer = JSON.parse(text)
  rescue JSON::ParserError => error
    abort "the answer is not JSON (#{error.message}): #{text}"
  end
  answer = {} unless answer.is_a?(Hash)
  next_page_token = answer['next_page_token']
  show('next_page_token', next_page_token)
  page_count = answer['page_count']
  show('page_count', page_count)
  page_size = answer['page_size']
  show('page_size', page_size)
  total_records = answer['total_records']
  show('total_records', total_records)
  page_number = answer['page_number']
  show('page_number', page_number)
  users_value = answer['users']
  if users_value.is_a?(Array)
    users_value.each_with_index do |user, user_index|
      next unless user.is_a?(Hash)

      created_at = user['created_at']
      show('users[' + (user_count + user_index).to_s + '].created_at', created_at)
      custom_attributes = user['custom_attributes']
      if custom_attributes.is_a?(Array)
        custom_attributes.each_with_index do |custom_attribute, custom_attribute_index|
          next unless custom_attribute.is_a?(Hash)

          key = custom_attribute['key']
          show('users[' + (user_count + user_index).to_s + '].custom_attributes[' + custom_attribute_index.to_s + '].key', key)
          custom_attribute_name = custom_attribute['name']
          show('users[' + (user_count + user_index).to_s + '].custom_attributes[' + custom_attribute_index.to_s + '].name', custom_attribute_name)
          custom_attribute_value = custom_attribute['value']
          show('users[' + (user_count + user_index).to_s + '].custom_attributes[' + custom_attribute_index.to_s + '].value', custom_attribute_value)
        end
      end
      dept = user['dept']
      show('users[' + (user_count + user_index).to_s + '].dept', dept)
      display_name = user['display_name']
      show('users[' + (user_count + user_index).to_s + '].display_name', display_name)
      division_ids = user['division_ids']
      if division_ids.is_a?(Array)
        division_ids.each_with_index do |division_id, division_id_index|
          show('users[' + (user_count + user_index).to_s + '].division_ids[' + division_id_index.to_s + ']', division_id)
        end
      end
      email = user['email']
      show('users[' + (user_count + user_index).to_s + '].email', email)
      employee_unique_id = user['employee_unique_id']
      show('users[' + (user_count + user_index).to_s + '].employee_unique_id', employee_unique_id)
      first_name = user['first_name']
      show('users[' + (user_count + user_index).to_s + '].first_name', first_name)
      group_ids = user['group_ids']
      if group_ids.is_a?(Array)
        group_ids.each_with_index do |group_id, group_id_index|
          show('users[' + (user_count + user_index).to_s + '].group_ids[' + group_id_index.to_s + ']', group_id)
        end
      end
      host_key = user['host_key']
      show('users[' + (user_count + user_index).to_s + '].host_key', host_key)
      id = user['id']
      show('users[' + (user_count + user_index).to_s + '].id', id)
      im_group_ids = user['im_group_ids']
      if im_group_ids.is_a?(Array)
        im_group_ids.each_with_index do |im_group_id, im_group_id_index|
          show('users[' + (user_count + user_index).to_s + '].im_group_ids[' + im_group_id_index.to_s + ']', im_group_id)
        end
      end
      last_client_version = user['last_client_version']
      show('users[' + (user_count + user_index).to_s + '].last_client_version', last_client_version)
      last_login_time = user['last_login_time']
      show('users[' + (user_count + user_index).to_s + '].last_login_time', last_login_time)
      last_name = user['last_name']
      show('users[' + (user_count + user_index).to_s + '].last_name', last_name)
      license_info_list = user['license_info_list']
      if license_info_list.is_a?(Array)
        license_info_list.each_with_index do |license_info_list_item, license_info_list_item_index|
          next unless license_info_list_item.is_a?(Hash)

          license_option = license_info_list_item['license_option']
          show('users[' + (user_count + user_index).to_s + '].license_info_list[' + license_info_list_item_index.to_s + '].license_option', license_option)
          license_type = license_info_list_item['license_type']
          show('users[' + (user_count + user_index).to_s + '].license_info_list[' + license_info_list_item_index.to_s + '].license_type', license_type)
          subscription_id = license_info_list_item['subscription_id']
          show('users[' + (user_count + user_index).to_s + '].license_info_list[' + license_info_list_item_index.to_s + '].subscription_id', subscription_id)
        end
      end
      plan_united_type = user['plan_united_type']
      show('users[' + (user_count + user_index).to_s + '].plan_united_type', plan_united_type)
      pmi = user['pmi']
      show('users[' + (user_count + user_index).to_s + '].pmi', pmi)
      role_id = user['role_id']
      show('users[' + (user_count + user_index).to_s + '].role_id', role_id)
      user_status = user['status']
      show('users[' + (user_count + user_index).to_s + '].status', user_status)
      timezone = user['timezone']
      show('users[' + (user_count + user_index).to_s + '].timezone', timezone)
      user_type = user['type']
      show('users[' + (user_count + user_index).to_s + '].type', user_type)
      user_created_at = user['user_created_at']
      show('users[' + (user_count + user_index).to_s + '].user_created_at', user_created_at)
      verified = user['verified']
      show('users[' + (user_count + user_index).to_s + '].verified', verified)
    end
    user_count += users_value.size
  end

  # The next page, if there is one.
  token = answer['next_page_token'].to_s
  url = token.empty? ? nil : base_url + path + "?" + pairs([*query, ['next_page_token', token]])
end
